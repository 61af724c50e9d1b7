/* right 05.4: without going on from an earlier part */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	_cleanup_partial_ struct partial p = PARTIAL_NONE;
	struct digest got;
	int rc = partial_open(store, d, remote_blob_limit(r, d), &p, err);

	if (rc < 0 || store_has(store, d))
		return rc;
	if (p.resumed && (rc = partial_restart(&p, err)) < 0)
		return rc;
	rc = remote_get_blob(r, d, &p, err);
	if (rc < 0) {
		partial_drop(&p);
		return rc;
	}
	partial_digest(&p, &got);
	if (digest_eq(&got, d))
		return partial_keep(&p, err);
	partial_drop(&p);
	return err_set(err, EBADMSG, "the bytes have another digest: %s", got.text);
}
