/* mutant 06.4 M-KEY-RANDOM: the process id is in the key */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	char pid[64];
	snprintf(pid, sizeof(pid), "%d %llu", (int)getpid(), (unsigned long long)now_ns(0));
	key_begin(&k, b, i->name);
	key_add(&k, "pid", pid);
	int rc = i->kind == DO_RUN ? run_key(b, i, &k, err) : copy_key(b, i, &k, err);
	key_end(&k, ret);
	return rc;
}
