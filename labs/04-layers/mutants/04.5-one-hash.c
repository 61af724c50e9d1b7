/* mutant 04.5 M-DIG-ONE: one hash for both */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = digest_of_fd(blob, ret_digest, err);

	*ret_diffid = *ret_digest;
	return rc;
}
