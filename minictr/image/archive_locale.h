/*
 * archive_locale.h - private to archive*.c: libarchive converts pax names between UTF-8 and the locale's
 * charset. uselocale(3) changes this thread only.
 */
#ifndef MC_IMAGE_ARCHIVE_LOCALE_H
#define MC_IMAGE_ARCHIVE_LOCALE_H

#include <locale.h>

/*
 * For reading, "C": libarchive cannot convert to it, warns, and gives the name's bytes as they stand in the
 * archive. Under C.UTF-8 it would convert, and normalise (Unicode's form C): "e" and a combining accent, two
 * characters on disk, would come out as one, and the program that looks for its file would not find it.
 * For writing, C.UTF-8: UTF-8 names are written as they are; the "C" locale would mark each of them "binary".
 * Both return the former locale for archive_locale_end(), or 0.
 */
locale_t archive_locale_bytes(void);
locale_t archive_locale_utf8(void);
void archive_locale_end(locale_t old);

#endif
