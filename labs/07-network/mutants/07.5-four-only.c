/* mutant 07.5 M-NAT-6: IPv4 only */
int nat_rules(const struct network *n, struct text *nft)
{
	text_line(nft,
		"add chain inet %s nat_%s { type nat hook postrouting priority srcnat; policy accept; }",
		n->table, n->bridge);
	text_line(nft, "flush chain inet %s nat_%s", n->table, n->bridge);
	if (n->internal || n->no_masquerade)
		return 0;
	bridge_masquerade(n, nft, "ip", &n->subnet4);
	return 0;
}
