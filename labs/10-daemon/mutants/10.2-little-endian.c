/* mutant 10.2 M-DAE-ENDIAN: the length as this machine has it in memory */
int stream_frame(int out, int stream, const void *data, size_t n)
{
	struct mc_err err = { 0 };
	uint32_t header[2] = { (uint32_t)stream, (uint32_t)n };
	if (!n)
		return 0;
	int rc = stream == STREAM_RAW ? 0 : file_write_all(out, header, sizeof(header), &err);
	return rc < 0 ? rc : file_write_all(out, data, n, &err);
}
