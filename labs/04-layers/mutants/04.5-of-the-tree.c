/* mutant 04.5 M-DIG-TREE: same tree, so same digest */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = TODO(04.5, layer_digests, blob, ret_digest, ret_diffid, err);

	*ret_digest = *ret_diffid;
	return rc;
}
