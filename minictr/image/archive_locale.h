/*
 * archive_locale.h - private to archive*.c: libarchive converts pax names between UTF-8 and the locale's
 * charset, and in the "C" locale it cannot. uselocale(3) changes this thread only.
 */
#ifndef MC_IMAGE_ARCHIVE_LOCALE_H
#define MC_IMAGE_ARCHIVE_LOCALE_H

#include <locale.h>

/* The thread's locale becomes C.UTF-8, where there is one. Returns the former locale for
 * archive_locale_end(), or 0. */
locale_t archive_locale(void);
void archive_locale_end(locale_t old);

#endif
