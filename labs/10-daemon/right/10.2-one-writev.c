/* right 10.2: header and bytes in one piece of memory */
int stream_frame(int out, int stream, const void *data, size_t n)
{
	struct mc_err err = { 0 };
	if (!n || stream == STREAM_RAW)
		return n ? file_write_all(out, data, n, &err) : 0;
	_cleanup_free_ unsigned char *all = xmalloc(n + 8);
	memset(all, 0, 8);
	all[0] = (unsigned char)stream;
	for (int i = 0; i < 4; i++)
		all[4 + i] = (unsigned char)(n >> (24 - 8 * i));
	memcpy(all + 8, data, n);
	return file_write_all(out, all, n + 8, &err);
}
