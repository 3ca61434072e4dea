"""The files of the services: who may read and change them, and which of them count."""
