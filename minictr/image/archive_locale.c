/*
 * archive_locale.c - one pair of locale objects for all threads: a parallel pull unpacks several archives at
 * once, and each would make objects of its own, of which all but the last are lost. pthread_once(3).
 */
#include "image/archive_locale.h"

#include <pthread.h>

static locale_t bytes, utf8;
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_locales(void)
{
	bytes = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static locale_t enter(const locale_t *l)
{
	pthread_once(&made, make_locales);
	return *l ? uselocale(*l) : (locale_t)0;
}

locale_t archive_locale_bytes(void) { return enter(&bytes); }
locale_t archive_locale_utf8(void) { return enter(&utf8); }

void archive_locale_end(locale_t old)
{
	if (old)
		uselocale(old);
}
