/*
 * archive_locale.c - one locale object for all threads: a parallel pull unpacks several archives at once,
 * and each would make an object of its own, of which all but the last are lost. pthread_once(3).
 */
#include "image/archive_locale.h"

#include <pthread.h>

static locale_t utf8;
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_locale(void) { utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

locale_t archive_locale(void)
{
	pthread_once(&made, make_locale);
	return utf8 ? uselocale(utf8) : (locale_t)0;
}

void archive_locale_end(locale_t old)
{
	if (old)
		uselocale(old);
}
