/* right 13.5: a switch over the reasons, items one by one */
int kvm_loop(int vcpu, struct kvm_run *run, struct buf *out, struct mc_err *err)
{
	while (1) {
		int rc = ioctl(vcpu, KVM_RUN, 0);
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0)
			return err_sys(err, "KVM_RUN");
		char *data = (char *)run + run->io.data_offset;
		switch (run->exit_reason) {
		case KVM_EXIT_HLT: return 0;
		case KVM_EXIT_IO:
			for (unsigned i = 0; i < run->io.count * run->io.size; i++)
				if (run->io.direction == KVM_EXIT_IO_OUT && run->io.port == KVM_SERIAL)
					buf_addc(out, data[i]);
				else if (run->io.direction == KVM_EXIT_IO_IN)
					data[i] = (char)(run->io.port == KVM_SERIAL_STATUS ? KVM_SERIAL_READY : 0xff);
			break;
		default: return err_set(err, EIO, "exit reason %u", run->exit_reason);
		}
	}
}
