/* mutant 05.4 M-BLOB-ANEW: resumed bytes that turn out wrong are not worth a new beginning */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	_cleanup_partial_ struct partial p = PARTIAL_NONE;
	struct digest got;
	if (store_has(store, d))
		return 0;
	int rc = partial_open(store, d, remote_blob_limit(r, d), &p, err);
	if (rc < 0 || store_has(store, d))
		return rc;
	rc = remote_get_blob(r, d, &p, err);
	if (rc == -EFBIG)
		partial_drop(&p);
	if (rc < 0)
		return rc;
	partial_digest(&p, &got);
	if (digest_eq(&got, d))
		return partial_keep(&p, err);
	partial_drop(&p);
	return err_set(err, EBADMSG, "wrong bytes");
}
