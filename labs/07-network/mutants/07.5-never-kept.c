/* mutant 07.5 M-NAT-KEEP: nobody may keep an address */
int nat_rules(const struct network *n, struct text *nft)
{
	text_line(nft,
		"add chain inet %s nat_%s { type nat hook postrouting priority srcnat; policy accept; }",
		n->table, n->bridge);
	text_line(nft, "flush chain inet %s nat_%s", n->table, n->bridge);
	bridge_masquerade(n, nft, "ip", &n->subnet4);
	bridge_masquerade(n, nft, "ip6", &n->subnet6);
	return 0;
}
