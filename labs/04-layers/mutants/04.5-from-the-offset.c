/* mutant 04.5 M-DIG-PART: the tar is read from where the blob happens to be */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = digest_of_fd(blob, ret_digest, err);
	if (rc < 0)
		return rc;
	struct tar_reader *r;
	if ((rc = inflate_open(blob, "layer", &r, err)) < 0)
		return rc;
	struct hash *h = hash_new();
	const void *data;
	ssize_t n;
	while ((n = inflate_read(r, &data, err)) > 0)
		hash_add(h, data, (size_t)n);
	hash_end(h, n < 0 ? NULL : ret_diffid);
	tar_close(r);
	return n < 0 ? (int)n : 0;
}
