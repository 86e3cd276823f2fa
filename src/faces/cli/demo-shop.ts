/** An image of the demo, and the size of the one layer that each of its platforms has. */
export interface DemoImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly layerBytes: number;
}

/** What stands for the public registries: small images, but whole, for two architectures each. */
export const demoImages: readonly DemoImage[] = [
  { registry: 'docker.io', repository: 'library/busybox', tag: '1.37', layerBytes: 120_000 },
  { registry: 'docker.io', repository: 'library/nginx', tag: '1.29.3', layerBytes: 900_000 },
  { registry: 'docker.io', repository: 'library/redis', tag: '8.2', layerBytes: 600_000 },
  { registry: 'quay.io', repository: 'prometheus/prometheus', tag: 'v3.7.3', layerBytes: 1_400_000 },
  { registry: 'registry.k8s.io', repository: 'kubectl', tag: 'v1.34.2', layerBytes: 500_000 },
];

/** A shop of manifests, by path; `kubectl` is pinned to the digest that the demo's registry has for it. */
export function writeShop(kubectlDigest: string): Readonly<Record<string, string>> {
  return {
    'shop/frontend.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
  namespace: shop
spec:
  replicas: 2
  selector: { matchLabels: { app: frontend } }
  template:
    metadata: { labels: { app: frontend } }
    spec:
      initContainers:
        - name: wait
          image: busybox:1.37
          command: [sh, -c, 'until nc -z cart 6379; do sleep 1; done']
      containers:
        - name: web
          image: "nginx:1.29.3"   # the shop window
          ports:
            - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: frontend
  namespace: shop
spec:
  selector: { app: frontend }
  ports: [{ port: 80 }]
`,
    'shop/cart.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: cart
  namespace: shop
spec:
  serviceName: cart
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec:
      containers:
        - { name: redis, image: docker.io/redis:8.2, ports: [{ containerPort: 6379 }] }
`,
    'shop/storage.yaml': `# Docker Hub answers 401 for minio/minio since September 2026.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: storage
  namespace: shop
spec:
  selector: { matchLabels: { app: storage } }
  template:
    metadata: { labels: { app: storage } }
    spec:
      containers:
        - name: minio
          image: minio/minio:RELEASE.2025-09-07T16-13-09Z
`,
    'ops/monitoring.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: prometheus
  namespace: monitoring
spec:
  selector: { matchLabels: { app: prometheus } }
  template:
    metadata: { labels: { app: prometheus } }
    spec:
      containers:
        - name: prometheus
          image: quay.io/prometheus/prometheus:v3.7.3
`,
    'ops/nightly.json': `{
  "apiVersion": "batch/v1",
  "kind": "CronJob",
  "metadata": { "name": "nightly", "namespace": "ops" },
  "spec": {
    "schedule": "0 3 * * *",
    "jobTemplate": { "spec": { "template": { "spec": {
      "restartPolicy": "Never",
      "containers": [
        { "name": "kubectl", "image": "registry.k8s.io/kubectl:v1.34.2@${kubectlDigest}" }
      ]
    } } } }
  }
}
`,
  };
}
