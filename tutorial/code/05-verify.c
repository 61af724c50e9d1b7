/*
 * 05-verify.c DIRECTORY - every file there is named by the SHA-256 of its
 * bytes. Is it?
 * Build: cc -o verify 05-verify.c -lcrypto
 */
#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int digest_of(const char *path, char hex[65])
{
	unsigned char bytes[65536], sum[32];
	size_t n;
	FILE *f = fopen(path, "r");
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	if (!f || !EVP_DigestInit_ex(hash, EVP_sha256(), NULL))
		return -1;
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		/* piece by piece: a layer may be larger than memory */
		EVP_DigestUpdate(hash, bytes, n);
	EVP_DigestFinal_ex(hash, sum, NULL);
	for (int i = 0; i < 32; i++)
		sprintf(hex + 2 * i, "%02x", sum[i]);
	EVP_MD_CTX_free(hash);
	return fclose(f);
}

int main(int argc, char **argv)
{
	int lies = 0, files = 0;
	char hex[65];
	DIR *d = opendir(argc > 1 ? argv[1] : ".");
	if (!d || chdir(argc > 1 ? argv[1] : ".") < 0)
		return perror("opendir"), 1;
	for (struct dirent *e; (e = readdir(d)); files++) {
		if (strlen(e->d_name) != 64 || digest_of(e->d_name, hex) < 0)
			files--; /* no blob */
		else if (strcmp(hex, e->d_name) != 0)
			lies +=
				printf("%.12s holds other bytes: their digest is %.12s\n",
					e->d_name, hex) > 0;
	}
	printf("%d blobs, %d with a wrong name\n", files, lies);
	return lies > 0;
}
