/* mutant 10.2 M-DAE-SHORT: a terminal has one write(2), whatever it takes */
int stream_frame(int out, int stream, const void *data, size_t n)
{
	struct mc_err err = { 0 };
	uint32_t header[2] = { 0, htonl((uint32_t)n) };
	if (!n)
		return 0;
	((unsigned char *)header)[0] = (unsigned char)stream;
	if (stream == STREAM_RAW)
		return write(out, data, n) < 0 ? -errno : 0;
	int rc = stream == STREAM_RAW ? 0 : file_write_all(out, header, sizeof(header), &err);
	return rc < 0 ? rc : file_write_all(out, data, n, &err);
}
