/*
 * utf8.h - is this text UTF-8? Checked by ourselves, byte by byte, independent of the locale and of libraries.
 *
 * Valid is what RFC 3629 calls valid: no overlong form, no surrogate (U+D800 to U+DFFF), nothing above U+10FFFF.
 * JSON must be UTF-8 (RFC 8259, section 8.1), so a string of the user that is not can't be stored in a config.json.
 */
#ifndef MC_BASE_UTF8_H
#define MC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1 to 4) of the character at s, of which `left` bytes may be read; 0 when it is not valid. */
size_t utf8_char_len(const char *s, size_t left);
/* The same, and the code point in *ret (untouched when it is not valid). */
size_t utf8_decode(const char *s, size_t left, uint32_t *ret);
/* Number of bytes at the start of text that are valid; len when all of it is. */
size_t utf8_valid_len(const char *text, size_t len);
/* Whether a NUL-terminated string is valid. NULL is. */
bool utf8_valid(const char *s);

#endif
