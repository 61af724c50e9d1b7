/* mutant 05.4 M-BLOB-TRUST: the length is believed */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	_cleanup_partial_ struct partial p = PARTIAL_NONE;
	int rc = store_has(store, d) ? 0 : partial_open(store, d, remote_blob_limit(r, d), &p, err);

	if (rc < 0 || store_has(store, d))
		return rc;
	rc = remote_get_blob(r, d, &p, err);
	return rc < 0 ? rc : partial_keep(&p, err);
}
