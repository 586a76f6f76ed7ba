"""What leaves through the pages: written in one transaction, decided and delivered by the postman beside the server."""
