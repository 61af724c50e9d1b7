/* mutant 04.5 M-DIG-CUT: a broken stream is taken for its end */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = digest_of_fd(blob, ret_digest, err);
	if (rc == 0 && lseek(blob, 0, SEEK_SET) < 0)
		rc = err_sys(err, "lseek a layer");
	struct tar_reader *r = NULL;
	if (rc == 0)
		rc = inflate_open(blob, "layer", &r, err);
	if (rc < 0)
		return rc;
	struct hash *hash = hash_new();
	const void *data;
	ssize_t n;
	while ((n = inflate_read(r, &data, err)) > 0)
		hash_add(hash, data, (size_t)n);
	hash_end(hash, n < 0 ? NULL : ret_diffid);
	tar_close(r);
	return 0;
}
