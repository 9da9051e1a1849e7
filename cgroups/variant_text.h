/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_VARIANT_TEXT_H
#define CGROUPS_VARIANT_TEXT_H

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/variant.h"

/*
 * The text form of a typed value, as GLib defines it ("GVariant Text Format") and as the
 * annotations org.systemd.property.* carry it:
 *
 *   'text' "text"   true   15 (int32)   1.5 (double)   uint64 10000000   @t 5
 *   ['a', 'b']   [('/dev/null', uint64 5)]   @as []   {'key': <'value'>}   b'bytes'
 *
 * A whole number without a type is an int32, as there. An element of an array that names no type
 * takes that of the first one. What D-Bus can't carry (maybe types, descriptors) is an error.
 *
 * Strings and elements live in arena. The error says what is wrong at which byte. Pure.
 */
int variant_parse(const char *text, struct arena *arena, struct variant *value, struct error *err);

#endif
