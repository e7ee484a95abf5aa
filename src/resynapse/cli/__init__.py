"""How does a person reach the model from a terminal?"""
