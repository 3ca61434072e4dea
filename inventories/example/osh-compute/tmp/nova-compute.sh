#!/bin/bash

set -ex

exec nova-compute \
      --config-file /etc/nova/nova.conf \
      --config-file /tmp/pod-shared/nova-console.conf \
      --config-file /tmp/pod-shared/nova-libvirt.conf \
      --config-file /tmp/pod-shared/nova-compute-fqdn.conf \
      --config-file /tmp/pod-shared/nova-hypervisor.conf \
      --config-dir /etc/nova/nova.conf.d
