"""Networks: ONE FILE, ONE KIND OF NETWORK, built on the meta device and filled by `init(net, generator)`.

Lives here: modules, embeddings, initialisation. May not live here: losses, sampling, optimisers.
"""
