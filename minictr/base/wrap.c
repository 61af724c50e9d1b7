/*
 * wrap.c - breaks lines at the terminal's width, tty_ioctl(4) TIOCGWINSZ. A terminal breaks
 * lines inside words and continues them at column 0, which destroys the columns of a list.
 * Left out: a character of several bytes counts as several columns.
 */
#include "base/wrap.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/buf.h"

enum { UNKNOWN = 110, NARROWEST = 40 };

size_t wrap_width(int fd)
{
	struct winsize size;
	int keep = errno;
	bool terminal = ioctl(fd, TIOCGWINSZ, &size) == 0;
	errno = keep;
	if (!terminal)
		return 0;
	return size.ws_col >= NARROWEST ? size.ws_col : UNKNOWN; /* a serial line reports 0 */
}

struct place {
	char *out;
	size_t size, n;
};

static void put(struct place *p, const char *text, size_t len)
{
	size_t room = p->size - 1 - p->n;
	len = len < room ? len : room;
	for (size_t i = 0; i < len; i++)
		p->out[p->n++] = text[i] == '\t' ? ' ' : text[i];
}

size_t wrap_text(char *out, size_t size, const char *text, size_t width, size_t indent)
{
	struct place p = { out, size, 0 };
	size_t column = 0;
	while (*text) {
		size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " \n");
		if (width && word && column > indent && column + blanks + word > width) {
			put(&p, "\n", 1);
			for (column = 0; column < indent; column++)
				put(&p, " ", 1);
		} else {
			put(&p, text, blanks);
			column += blanks;
		}
		put(&p, text + blanks, word);
		column += word;
		text += blanks + word;
		if (*text == '\n') {
			put(&p, text++, 1);
			column = 0;
		}
	}
	out[p.n] = '\0';
	return p.n;
}

char *text_visible(const char *text)
{
	struct buf b = { 0 };
	buf_adds(&b, "");
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		/* C1 control characters in UTF-8: U+009B alone means the same as "ESC [". */
		if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			buf_addf(&b, "\\x%02x", *++p);
		else if ((*p < 0x20 && *p != '\t' && *p != '\n') || *p == 0x7f)
			buf_addf(&b, "\\x%02x", *p);
		else
			buf_addc(&b, (char)*p);
	}
	return buf_take(&b);
}
