/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* i18n.h: marking texts of tables for translation. The library itself translates nothing: the tools do. */
#pragma once

#define N_(text) text
