"""A site project read and checked, branch by branch, and words of a question resolved in it."""
