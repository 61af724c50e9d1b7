/*
 * utf8.h - is this text UTF-8? The check goes byte by byte and depends on no locale and no library.
 *
 * Valid means valid by RFC 3629: no overlong form, no surrogate (U+D800 to U+DFFF), nothing above U+10FFFF.
 * JSON must be UTF-8 (RFC 8259, section 8.1), so a config.json cannot store any other string of the user.
 */
#ifndef MC_BASE_UTF8_H
#define MC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length (1 to 4 bytes) of the character at s, of which `left` bytes may be read; 0: not valid. */
size_t utf8_char_len(const char *s, size_t left);
/* The same, and stores the code point in *ret (untouched when it is not valid). */
size_t utf8_decode(const char *s, size_t left, uint32_t *ret);
/* Number of bytes at the start of text that are ASCII; len when all of it is. */
size_t utf8_ascii_len(const char *text, size_t len);
/* Number of bytes at the start of text that are valid; len when all of it is. */
size_t utf8_valid_len(const char *text, size_t len);
/* Whether a NUL-terminated string is valid. NULL is valid. */
bool utf8_valid(const char *s);

#endif
