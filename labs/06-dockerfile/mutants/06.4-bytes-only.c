/* mutant 06.4 M-KEY-MODE: the bytes of the copied file, without its mode */
#include <fcntl.h>
#include "base/file.h"

int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	struct buf text = { 0 };
	if (i->kind == DO_RUN)
		return TODO(06.4, cache_key, b, i, ret, err);
	int rc = file_read(b->all->context.dir, i->words[0], 1 << 20, &text, err);
	key_begin(&k, b, i->name);
	key_add(&k, "bytes", rc < 0 ? "" : text.data);
	key_end(&k, ret);
	buf_release(&text);
	return rc < 0 ? rc : 0;
}
