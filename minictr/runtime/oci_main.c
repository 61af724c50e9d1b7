/* oci_main.c - minictr-oci, the OCI runtime: command line in, one verb out. */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "minictr-oci: not yet\n");
	return 1;
}
