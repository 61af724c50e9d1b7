/*
 * job_client_main.c - `docker` and `minictr` inside of a job: sends its words and its three standard streams
 * to the engine's door (engine_door.h), and exits with the status that comes back. Static, libc only: it
 * runs in any image.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE_MAX = 65536 };

static int fail(const char *what)
{
	fprintf(stderr, "minictr: %s: %s\n", what, strerror(errno));
	return 125;
}

/* Appends a string with its NUL; -1 when there is no room. */
static int add(char *message, size_t *len, const char *word)
{
	size_t n = strlen(word) + 1;
	if (*len + n > MESSAGE_MAX - 1)
		return -1;
	memcpy(message + *len, word, n);
	*len += n;
	return 0;
}

static int ask(int fd, char *message, size_t len)
{
	int streams[3] = { 0, 1, 2 };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(streams))];
	} control = { 0 };
	struct iovec v = { message, len };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	unsigned char status;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(streams));
	memcpy(CMSG_DATA(c), streams, sizeof(streams));
	if (sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
		return fail("the engine cannot be asked");
	if (read(fd, &status, 1) != 1)
		return fail("the engine has gone");
	return status;
}

/* The message: number of words, directory, words, environment: `export IMAGE=...` of the script counts. */
int main(int argc, char **argv)
{
	static char message[MESSAGE_MAX];
	char cwd[4096], count[16];
	size_t len = 0;
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/minictr-job/bin/socket" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), room = 0;
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		return fail("no engine is lent to this job");
	if (!getcwd(cwd, sizeof(cwd)))
		return fail("getcwd()");
	snprintf(count, sizeof(count), "%d", argc);
	room = add(message, &len, count);
	if (room == 0)
		room = add(message, &len, cwd);
	for (int i = 0; room == 0 && i < argc; i++)
		room = add(message, &len, argv[i]);
	if (room < 0) {
		errno = E2BIG;
		return fail("too many words");
	}
	for (char **e = environ; *e; e++)
		(void)add(message, &len, *e); /* one that has no room is left out */
	return ask(fd, message, len);
}
