/*
 * archive_locale.h - private to archive*.c: libarchive converts pax names between UTF-8 and the locale's charset,
 * and in the "C" locale it cannot. uselocale(3) changes this thread only.
 */
#ifndef MC_IMAGE_ARCHIVE_LOCALE_H
#define MC_IMAGE_ARCHIVE_LOCALE_H

#include <locale.h>

static inline locale_t archive_locale(void)
{
	static locale_t utf8;
	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return utf8 ? uselocale(utf8) : (locale_t)0;
}

static inline void archive_locale_end(locale_t old)
{
	if (old)
		uselocale(old);
}

#endif
