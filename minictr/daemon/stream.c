/*
 * stream.c - the two loops of an attached client: frames, and bytes both ways.
 *
 * Man pages: poll(2), recv(2), unix(7) SOCK_SEQPACKET. The format of frames is docker's:
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
#include "daemon/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/monitor/monitor.h"

/* Which stream a message of the monitor belongs to; -1: it is no output. */
static int message_stream(char kind)
{
	return kind == ATTACH_STDOUT     ? STREAM_STDOUT
	       : kind == ATTACH_STDERR   ? STREAM_STDERR
	       : kind == ATTACH_TERMINAL ? STREAM_RAW
					 : -1;
}

/*
 * Writes n bytes of a container's output to out, so that the client can tell stdout from stderr.
 *
 * What must hold:
 *  - before the bytes stands a header of 8: the stream (1 stdout, 2 stderr), three zero bytes, and n as 32
 *    bits, the most significant byte first;
 *  - STREAM_RAW (a terminal) has no header at all;
 *  - all of it arrives, also when the client reads slowly: write(2) may take fewer bytes than it was given;
 *  - n == 0 writes nothing: an empty frame would tell nothing.
 * Returns 0, or -errno when the client is gone.
 * Lab 10.2: two streams in one connection need a header, and a header needs an order of bytes.
 */
int stream_frame(int out, int stream, const void *data, size_t n)
{
	struct mc_err err = { 0 };
	uint32_t header[2] = { 0, htonl((uint32_t)n) };
	if (!n)
		return 0;
	((unsigned char *)header)[0] = (unsigned char)stream;
	int rc = stream == STREAM_RAW ? 0 : file_write_all(out, header, sizeof(header), &err);
	return rc < 0 ? rc : file_write_all(out, data, n, &err);
}

/*
 * Carries bytes between a client and a container until one of them is gone.
 *
 * client is a stream socket. container is a connection to the container's monitor: each recv(2) is one
 * message of at most ATTACH_MESSAGE bytes, whose first byte is its kind (engine/monitor/monitor.h):
 * ATTACH_STDOUT, ATTACH_STDERR and ATTACH_TERMINAL carry output (message_stream()), ATTACH_EXIT a struct
 * attach_exit and is the last one.
 *
 * What must hold:
 *  - output goes to the client as frames (stream_frame());
 *  - what the client sends goes to the container as messages made by stream_input(), which also knows the
 *    detach keys;
 *  - the end of the client's input is told to the container, and output goes on: a client that has sent all
 *    it had still waits for the answer;
 *  - while the container takes no input, its output must flow, and no input is lost meanwhile;
 *  - nothing is asked again and again while there is nothing to do.
 * Returns the exit code of the container's program; 0 after the detach keys; -errno when the client or the
 * monitor is gone before. Both descriptors stay open.
 * Lab 10.3: the end of one direction is not the end of the other.
 */
int attach_pump(int client, int container)
{
	char text[ATTACH_MESSAGE], typed[STREAM_INPUT_MAX], input[STREAM_INPUT_MAX + 32];
	struct attach_exit last;
	int n_input = 0;
	bool reads = true;
	for (;;) {
		struct pollfd set[] = { { container, (short)(POLLIN | (n_input ? POLLOUT : 0)), 0 },
			{ reads && !n_input ? client : -1, POLLIN, 0 } };
		if (poll(set, 2, -1) < 0)
			continue;
		if (set[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			ssize_t n = recv(container, text, sizeof(text), 0);
			if (n <= 0)
				return -EPIPE;
			if (text[0] == ATTACH_EXIT && (size_t)n == 1 + sizeof(last)) {
				memcpy(&last, text + 1, sizeof(last));
				return last.code;
			}
			int stream = message_stream(text[0]);
			if (stream >= 0 && stream_frame(client, stream, text + 1, (size_t)n - 1) < 0)
				return -EPIPE;
		}
		if (n_input && (set[0].revents & POLLOUT) &&
			send(container, input, (size_t)n_input, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			n_input = 0;
		if (set[1].revents) {
			ssize_t n = read(client, typed, sizeof(typed));
			reads = n > 0;
			n_input = stream_input(typed, n > 0 ? (size_t)n : 0, input);
			if (n_input < 0)
				return 0;
		}
	}
}
