/* right 07.5: table and chain are written whole, emptied before; the rule asks for the destination */
static void other_rule(const struct network *n, struct text *nft, const char *family, const struct subnet *s)
{
	char text[ADDRESS_TEXT];
	struct subnet whole = { subnet_first(s), s->prefix };
	if (!s->address.family)
		return;
	subnet_text(&whole, text);
	text_line(nft, "add rule inet %s nat_%s %s saddr %s %s daddr != %s masquerade", n->table, n->bridge,
		family, text, family, text);
}

int nat_rules(const struct network *n, struct text *nft)
{
	text_line(nft, "table inet %s { chain nat_%s { type nat hook postrouting priority 100; }; }",
		n->table, n->bridge);
	text_line(nft, "flush chain inet %s nat_%s", n->table, n->bridge);
	if (!n->internal && !n->no_masquerade) {
		other_rule(n, nft, "ip", &n->subnet4);
		other_rule(n, nft, "ip6", &n->subnet6);
	}
	return 0;
}
