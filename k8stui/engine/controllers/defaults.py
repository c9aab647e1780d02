"""Which controllers a cluster runs, in the order in which their queues are drained."""

from __future__ import annotations

from k8stui.engine.callers import Callers
from k8stui.engine.controllers.addressbook import AddressBookController
from k8stui.engine.controllers.daemonset import DaemonSetController
from k8stui.engine.controllers.deployment import DeploymentController
from k8stui.engine.controllers.endpoints import EndpointsController
from k8stui.engine.controllers.endpointslice import EndpointSliceController
from k8stui.engine.controllers.garbage import GarbageCollector
from k8stui.engine.controllers.heirs import Inheritance
from k8stui.engine.controllers.kubelet import Kubelet
from k8stui.engine.controllers.loadbalancer import LoadBalancerController
from k8stui.engine.controllers.manager import Controller
from k8stui.engine.controllers.mirroring import MirroringController
from k8stui.engine.controllers.namespace import NamespaceController
from k8stui.engine.controllers.nodes import NodeLifecycle, TaintEviction
from k8stui.engine.controllers.replicaset import ReplicaSetController
from k8stui.engine.controllers.scheduler import Scheduler
from k8stui.engine.controllers.statefulset import StatefulSetController


def workload_controllers() -> tuple[Controller, ...]:
    """Return the controllers that make objects and pods from objects."""
    return (
        NamespaceController(),
        GarbageCollector(),
        LoadBalancerController(),
        AddressBookController(),
        DeploymentController(),
        StatefulSetController(),
        DaemonSetController(),
        ReplicaSetController(),
    )


def network_controllers() -> tuple[Controller, ...]:
    """Return the controllers that make endpoints of pods; last, so that each runs once for many changes of pods."""
    return (EndpointsController(), MirroringController(), EndpointSliceController())


def node_controllers() -> tuple[Controller, ...]:
    """Return scheduler, kubelets and what looks after nodes."""
    return (Scheduler(), Kubelet(), Inheritance(), NodeLifecycle(), TaintEviction(), Callers())


def control_plane() -> tuple[Controller, ...]:
    """Return everything but scheduler, kubelets and nodes."""
    return (*workload_controllers(), *network_controllers())


def default_controllers() -> tuple[Controller, ...]:
    """Return all controllers of a cluster, fresh ones: they belong to one manager.

    Those of nodes come first: a workload is looked at once after all its pods have been, not once after each.
    """
    return (*node_controllers(), *workload_controllers(), *network_controllers())
