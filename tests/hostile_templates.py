"""Templates that try to reach what they should not, or to take for ever."""

HOSTILE_TEMPLATES = {
    "include above": "{% include '../../../secret.html' %}",
    "include by name": "{% include '/etc/passwd' %}",
    "class": "{{ ''.__class__.__mro__ }}",
    "globals": "{{ link.__globals__ }}",
    "format": "{{ '{0.__class__.__init__}'.format(site) }}",
    "attr": "{{ (site|attr('__class__')).mro() }}",
    "range": "{{ range(1000000)|list|length }}",
    "itself": "{% include 'index.html' %}",
    "division": "{{ 1 // 0 }}",
    "key": "{{ {}['a'].b }}",
}
