/*
 * nft_main.c - minictr-nft: reads commands of nft(8) from stdin and runs them in one transaction, by
 * libnftables.
 *
 * The only user of that library. It is a program of its own so that no other command loads the library and
 * its four companions. Exit status: 0 done, 17 (EEXIST) and 2 (ENOENT) where the kernel said so, else 1; what
 * it said is on stderr.
 */
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/file.h"

/*
 * libnftables has no error codes, only the text of strerror(3), in the C locale that this program never
 * leaves. It ends here: from this exit status on, the code is a number.
 */
static int status_of(const char *said)
{
	if (strstr(said, strerror(EEXIST)))
		return EEXIST;
	return strstr(said, strerror(ENOENT)) ? ENOENT : 1;
}

int main(void)
{
	struct buf text = { 0 };
	struct mc_err err = { 0 };
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft || file_read_fd(0, "stdin", 64 << 20, &text, &err) < 0) {
		fprintf(stderr, "%s\n", nft ? err.what : "libnftables cannot start");
		_exit(1);
	}
	nft_ctx_buffer_error(nft);
	nft_ctx_buffer_output(nft);
	if (nft_run_cmd_from_buffer(nft, text.data ? text.data : "") == 0) {
		fputs(nft_ctx_get_output_buffer(nft), stdout);
		fflush(stdout);
		_exit(0); /* no nft_ctx_free(): closing its socket may wait 10 ms for deleted rules, the kernel does it anyway */
	}
	const char *said = nft_ctx_get_error_buffer(nft);
	fputs(said, stderr);
	fflush(stderr);
	_exit(status_of(said));
}
