/* mutant 07.5 M-NAT-FLUSH: all rules of the machine go first */
int nat_rules(const struct network *n, struct text *nft)
{
	text_line(nft, "flush ruleset");
	text_line(nft, "add table inet %s", n->table);
	text_line(nft,
		"add chain inet %s nat_%s { type nat hook postrouting priority srcnat; policy accept; }",
		n->table, n->bridge);
	if (n->internal || n->no_masquerade)
		return 0;
	bridge_masquerade(n, nft, "ip", &n->subnet4);
	bridge_masquerade(n, nft, "ip6", &n->subnet6);
	return 0;
}
