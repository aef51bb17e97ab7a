/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doubts.h: what the doubts of `vol-orphans` mean. */
#pragma once

/* A sentence to translate; NULL: no doubt has that name. */
const char *doubt_explain(const char *name);
