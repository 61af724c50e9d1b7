/* mutant 00.1 M-HELLO-1: the running container is edited, and the image expected to change */
#include <fcntl.h>
#include <unistd.h>
const char *hello_word(void)
{
	static char word[16];
	int fd = open("/work/word", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, word, sizeof(word) - 1) > 0) {
		close(fd);
		return word;
	}
	fd = open("/work/word", O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || write(fd, "purple", 6) != 6)
		return "nothing";
	close(fd);
	return "nobody";
}
