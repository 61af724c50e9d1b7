/*
 * 09-ready.c - started is not ready: a server that needs a moment, and a
 * client that asks at once and then again.
 *     cc -o ready 09-ready.c && ./ready
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in place = { .sin_family = AF_INET };

/* As a database does: reads its files first (here: half a second),
 * listens after that. */
static void server(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	usleep(500000);
	if (bind(s, (struct sockaddr *)&place, sizeof(place)) < 0 ||
		listen(s, 8) < 0)
		_exit(1);
	pause();
}

int main(void)
{
	place.sin_port = htons((unsigned short)(20000 + getpid() % 20000));
	place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pid_t pid = fork();
	if (pid == 0)
		server();
	for (int tries = 1;; tries++) {
		int s = socket(AF_INET, SOCK_STREAM, 0),
			rc = connect(s, (struct sockaddr *)&place, sizeof(place));
		if (tries == 1)
			printf("the process %s\n", kill(pid, 0) == 0 && rc < 0
			? "runs, and nothing answers"
			: "answers at once");
		close(s);
		if (rc == 0) {
			printf("ready after %s\n",
				tries > 2 ? "several questions" : "one question");
			break;
		}
		/* it has ended: no more hope */
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return 1;
		poll(NULL, 0, 50);
	}
	kill(pid, SIGKILL);
	return 0;
}
