"""What the clouds' libraries do with memory: compiled ciphers, foreign functions, big imports."""

import sys

import hyundai_kia_connect_api
import influxdb_client
import renault_api
from Crypto.Cipher import AES, PKCS1_v1_5
from Crypto.PublicKey import RSA

AES.new(bytes(16), AES.MODE_CBC, bytes(16)).encrypt(bytes(32))
PKCS1_v1_5.new(RSA.generate(1024)).encrypt(b"secret")
sys.stdout.write(f"loaded {[m.__name__ for m in (hyundai_kia_connect_api, influxdb_client, renault_api)]}\n")
