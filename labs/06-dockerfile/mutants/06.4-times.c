/* mutant 06.4 M-KEY-TIME: the time of the copied file is in the key */
#include <sys/stat.h>

int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	struct stat st;
	char text[64] = "";
	key_begin(&k, b, i->name);
	if (i->kind != DO_RUN && fstatat(b->all->context.dir, i->words[0], &st, 0) == 0)
		snprintf(text, sizeof(text), "%lld", (long long)st.st_mtime);
	key_add(&k, "time", text);
	int rc = i->kind == DO_RUN ? run_key(b, i, &k, err) : copy_key(b, i, &k, err);
	key_end(&k, ret);
	return rc;
}
