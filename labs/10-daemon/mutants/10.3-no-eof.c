/* mutant 10.3 M-DAE-EOF: the end of input is not told */
int attach_pump(int client, int container)
{
	char text[ATTACH_MESSAGE], typed[STREAM_INPUT_MAX], input[STREAM_INPUT_MAX + 32];
	struct attach_exit last;
	bool reads = true;
	for (;;) {
		struct pollfd set[] = { { container, POLLIN, 0 }, { reads ? client : -1, POLLIN, 0 } };
		poll(set, 2, -1);
		if (set[0].revents) {
			ssize_t n = recv(container, text, sizeof(text), 0);
			if (n <= 0)
				return -EPIPE;
			if (text[0] == ATTACH_EXIT) {
				memcpy(&last, text + 1, sizeof(last));
				return last.code;
			}
			int stream = message_stream(text[0]);
			if (stream >= 0 && stream_frame(client, stream, text + 1, (size_t)n - 1) < 0)
				return -EPIPE;
		}
		if (set[1].revents) {
			ssize_t n = read(client, typed, sizeof(typed));
			reads = n > 0;
			int m = n > 0 ? stream_input(typed, (size_t)n, input) : 0;
			if (m > 0)
				send(container, input, (size_t)m, MSG_NOSIGNAL);
		}
	}
}
