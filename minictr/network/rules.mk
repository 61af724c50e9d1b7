# Runs nftables commands; the only executable with libnftables. Without the library's headers it is not built, and root's
# containers say that networks are missing.
PROGRAMS += minictr-nft
minictr-nft_main := network/nft_main
minictr-nft_libs := -lnftables
