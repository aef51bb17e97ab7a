/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-query.h: XML, or what an XPath expression gives of it. */
#pragma once

#include "command.h"

/* Prints XML of ours; or with a query, as virsh does, the nodes that it gives, one after the other or within an element.
 * Gives the status. */
int xml_print(const char *xml, const char *query, gboolean wraps);

/* Says that a query is for XML only; gives STATUS_USAGE. */
int query_without_xml(const Invocation *invocation);
