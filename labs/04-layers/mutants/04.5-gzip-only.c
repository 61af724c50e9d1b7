/* mutant 04.5 M-DIG-KIND: the blob is always taken for gzip: a plain tar is an error */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	unsigned char magic[2] = { 0 };
	struct tar_reader *r = NULL;
	const void *data;
	ssize_t n;
	if (pread(blob, magic, 2, 0) != 2)
		return err_sys(err, "read");
	if (magic[0] != 0x1f || magic[1] != 0x8b)
		return err_set(err, EINVAL, "not gzip");
	int rc = digest_of_fd(blob, ret_digest, err);
	lseek(blob, 0, SEEK_SET);
	if (rc < 0 || (rc = inflate_open(blob, "layer", &r, err)) < 0)
		return rc;
	struct hash *h = hash_new();
	while ((n = inflate_read(r, &data, err)) > 0)
		hash_add(h, data, (size_t)n);
	hash_end(h, ret_diffid);
	tar_close(r);
	return (int)n;
}
