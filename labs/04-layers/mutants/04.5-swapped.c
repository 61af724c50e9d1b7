/* mutant 04.5 M-DIG-SWAPPED: the two results are exchanged */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = digest_of_fd(blob, ret_diffid, err);
	if (rc < 0)
		return rc;
	if (lseek(blob, 0, SEEK_SET) < 0)
		return err_sys(err, "lseek");
	struct tar_reader *r;
	if ((rc = inflate_open(blob, "layer", &r, err)) < 0)
		return rc;
	struct hash *h = hash_new();
	const void *data;
	ssize_t n;
	while ((n = inflate_read(r, &data, err)) > 0)
		hash_add(h, data, (size_t)n);
	hash_end(h, n < 0 ? NULL : ret_digest);
	tar_close(r);
	return n < 0 ? (int)n : 0;
}
